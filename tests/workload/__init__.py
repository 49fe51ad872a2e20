"""How long people take: the journeys of the workload table, walked by a scripted browser."""
