"""Faults planted by machine, one at a time: does a test find each of them?"""
