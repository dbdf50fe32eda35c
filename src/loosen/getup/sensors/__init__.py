"""What the service hears of the person: each sensor behind the one interface of `base.Sensor`."""
