"""The weights of the ranked feed, and who has which."""

from collections import Counter

import pytest
from pydantic import ValidationError

from functions.feed.weights import Ranking, Variant, Weights, chosen
from heliograph import ids

VIEWERS = [ids.new_id() for _ in range(4000)]
BOLD = Weights(affinity=9)
CALM = Weights(affinity=0)
TRIAL = Ranking(variants={"bold": Variant(share=0.1, weights=BOLD), "calm": Variant(share=0.3, weights=CALM)})


def test_without_an_experiment_everybody_has_the_same_weights():
    assert {chosen(Ranking(), viewer) for viewer in VIEWERS} == {("standard", Weights())}


def test_variants_have_their_shares_of_the_viewers_and_their_weights():
    found = Counter(chosen(TRIAL, viewer) for viewer in VIEWERS)
    assert found[("bold", BOLD)] / len(VIEWERS) == pytest.approx(0.1, abs=0.03)
    assert found[("calm", CALM)] / len(VIEWERS) == pytest.approx(0.3, abs=0.03)
    assert found[("standard", Weights())] / len(VIEWERS) == pytest.approx(0.6, abs=0.03)


def test_a_viewer_stays_in_a_variant_while_the_version_is_the_same():
    reread = Ranking.model_validate_json(TRIAL.model_dump_json())
    assert [chosen(TRIAL, viewer)[0] for viewer in VIEWERS] == [chosen(reread, viewer)[0] for viewer in VIEWERS]


def test_new_version_reassigns_viewers():
    anew = TRIAL.model_copy(update={"version": 2})
    calm = [viewer for viewer in VIEWERS if chosen(TRIAL, viewer)[0] == "calm"]
    still = [viewer for viewer in calm if chosen(anew, viewer)[0] == "calm"]
    assert len(still) / len(calm) == pytest.approx(0.3, abs=0.08)


@pytest.mark.parametrize(
    "document",
    [
        {"variants": {"a": {"share": 0.6, "weights": {}}, "b": {"share": 0.5, "weights": {}}}},
        {"variants": {"standard": {"share": 0.5, "weights": {}}}},
        {"variants": {"No good name": {"share": 0.5, "weights": {}}}},
        {"weights": {"half_life_hours": 0}},
        {"weights": {"affinity": -1}},
        {"weights": {"prior": 0}},
        {"weights": {"unknown": 1}},
    ],
    ids=str,
)
def test_invalid_weights_document_is_refused(document):
    with pytest.raises(ValidationError):
        Ranking.model_validate(document)
