"""What every test stands on: no test can reach a real AWS account, whatever the machine is configured for."""

import os

from local import node

# The fixtures of a running cloud, which is started when a test first asks for it.
pytest_plugins = ["tests.running", "tests.selection"]

for _name in [name for name in os.environ if name.startswith("AWS_")]:
    del os.environ[_name]
os.environ |= {
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
    "AWS_REGION": "us-east-1",
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    "AWS_EC2_METADATA_DISABLED": "true",
    "PATH": node.path(),
}
