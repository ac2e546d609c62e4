#pragma once

#include <string_view>

#include "base/status.h"

namespace godwit::connectors::mysql {

// The status that an error of the server or of the client library means, its code deciding what
// happens next (base/status.h); the message says the error, its number and, where there is one, the
// way out. `doing` opens the message.
base::Status StatusOfError(unsigned code, std::string_view message, std::string_view doing);

// Whether a server says so that it has ended a reader of its log as another one has come with the
// same number. Which number of an error that has is each server's own affair.
bool IsOfAnotherReader(std::string_view message);

// Whether a warning is about the words of a statement, which MySQL will not take for ever, and not
// about its values.
bool IsAboutWords(std::string_view warning);

}  // namespace godwit::connectors::mysql
