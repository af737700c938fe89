"""The modules, by the families of scripts/module-expressions, from this generator's randomness."""

import signal
import sys
from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader
from pathlib import Path

from choice import R

ONE_MODULE = ["math", "datetime", "strptime", "time", "json", "statistics", "re"]


def loaded():
    """The script's functions; with a count of none it writes nothing."""
    path = str(Path(__file__).parent.parent / "module-expressions")
    loader = SourceFileLoader("module_expressions", path)
    module = module_from_spec(spec_from_loader(loader.name, loader))
    arguments, sys.argv = sys.argv, [path, "math", "0", "0"]
    sys.dont_write_bytecode = True
    loader.exec_module(module)
    sys.argv = arguments
    # It catches the alarm, which is to end whoever computes for too long.
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    module.R, module.c = R, R.choice
    return module


SCRIPT = loaded()


def family(name):
    make = getattr(SCRIPT, "g_" + name)

    def m_module():
        while True:
            source = make()
            if "time(None)" not in source and not SCRIPT.HUGE.match(source):
                return source

    m_module.__name__ = "m_" + name
    return m_module


MODULES = [(family(name), 12) for name in ONE_MODULE]
