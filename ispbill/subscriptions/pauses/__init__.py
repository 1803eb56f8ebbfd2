"""Days without service: booked ahead, begun and ended by themselves, cancelled."""
