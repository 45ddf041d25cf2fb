"""The questions of a place, asked on the spot.

Python 3.9, its standard library and plain tools of Debian suffice. It takes a request and gives answers, both JSON
(`piste.trials.probe.trials` makes the request, `piste.trials.probe.judging` reads the answers). It judges nothing. It
sends what a computer that is plugged in sends, writes to no system, gives its lease back and leaves the interface as
before. Its sources are sent to the standard input of a Python (`piste.trials.probe.carriers`), so that nothing is left
behind.
"""
