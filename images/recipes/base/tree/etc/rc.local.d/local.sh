#!/bin/sh
# Commands of your own, run at the end of every boot. This file is sticky, so what is added here
# stays. Lines go above the last one.

exit 0
