#!/bin/sh
python -m g2c.nn.train
