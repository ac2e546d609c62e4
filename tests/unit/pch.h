// Headers that most unit tests use and that are costly to parse.
#pragma once
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "../../cmake/pch.h"
