"""What an acknowledgement is worth: requests that were acknowledged and are gone after a fail-over, setting by setting."""
