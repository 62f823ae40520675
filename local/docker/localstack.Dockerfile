# LocalStack, with the executor that runs functions as processes: no access to the host's Docker engine is needed.
FROM localstack/localstack:4.14.0

COPY requirements.txt /opt/functions/requirements.txt
COPY local/localstack_process_executor /opt/functions/executor
RUN python3 -m venv /opt/functions/venv \
    && /opt/functions/venv/bin/pip install --no-cache-dir --require-hashes -r /opt/functions/requirements.txt \
    && /opt/code/localstack/.venv/bin/python -m pip install --no-cache-dir --no-deps /opt/functions/executor

ENV LAMBDA_PROCESS_PYTHON=/opt/functions/venv/bin/python
