"""The misconceptions, one file per topic: wrong implementations that real people write."""
