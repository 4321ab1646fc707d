"""Runs a published SDK through an official account's whole life against a running simulator.

    judge.py API CONTROL

Every step says what the SDK must return and what the simulator must have counted. The first that fails ends it.
"""

import sys
import traceback

import wechatpy

import authorizing
import menus
import open_accounts
import refusals
import simulator
import templates
import tickets
from story import Story, point_sdk_at

CHAPTERS = [tickets, authorizing, menus, templates, open_accounts, refusals]


def main():
    api, control = sys.argv[1:]
    simulator.keep_to_this_machine()
    point_sdk_at(api)
    story = Story(simulator.Simulator(api, control))
    steps = [step for chapter in CHAPTERS for step in chapter.STEPS]
    for step in steps:
        said = f"{step.__module__}: {step.__doc__}"
        try:
            step(story)
        except Exception:
            print(f"FAILED {said}")
            traceback.print_exc(file=sys.stdout)
            return 1
        print(f"ok     {said}")
    print(f"wechatpy {wechatpy.__version__} and the simulator agree in {len(steps)} steps, {simulator.CHECKS} checks")
    return 0


if __name__ == "__main__":
    sys.exit(main())
