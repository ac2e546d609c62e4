#pragma once

#include <string>
#include <string_view>

// One text for each value, of the many that servers write for it.
namespace godwit::connector {

// Decimal digits without needless zeros and without an exponent: "-1.5" of "-001.50" and of
// "-15e-1". What is no number as it is.
void AppendCanonicalNumber(std::string& out, std::string_view number);

// The shortest digits that make the same value again.
void AppendCanonicalFloat(std::string& out, std::string_view number);
void AppendCanonicalDouble(std::string& out, std::string_view number);

// A time without the zone that it is in and without zeros at the end of its fraction.
void AppendCanonicalTime(std::string& out, std::string_view time);

// Without spaces, with keys in the order of their bytes, and numbers by their value. What is no
// JSON as it is.
void AppendCanonicalJson(std::string& out, std::string_view json);

// An address as the C library writes it.
void AppendCanonicalAddress(std::string& out, std::string_view address);

}  // namespace godwit::connector
