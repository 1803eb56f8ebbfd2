"""The support desk: what tickets are about, what is promised for each priority, answers that are ready."""
