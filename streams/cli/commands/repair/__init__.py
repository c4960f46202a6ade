"""Put right what went wrong: dead letters, replays, the cache."""
