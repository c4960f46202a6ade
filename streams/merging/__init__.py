"""The merge, concept by concept; pure: the same partials give the same record, in any order and at any time."""
