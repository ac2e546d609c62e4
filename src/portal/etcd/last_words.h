#pragma once

#include <string>
#include <string_view>

namespace godwit::portal {

// What lines of etcd's log (zap's JSON, or plain text) say, for people: the last few errors, else
// the last lines of all; with what to do about it, where that is known.
std::string LastWordsOf(std::string_view log);

}  // namespace godwit::portal
