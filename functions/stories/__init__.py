"""Stories: one picture that is gone after a day."""
