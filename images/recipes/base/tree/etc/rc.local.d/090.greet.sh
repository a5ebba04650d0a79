#!/bin/sh
# Says once per boot which build came up.
logger -t rc "build $(cat /etc/build) is up"
