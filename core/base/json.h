#pragma once

#include "base/result.h"

#include <nlohmann/json.hpp>

namespace clipscope {

/// Order of keys is kept as written.
using Json = nlohmann::ordered_json;

/// Parses UTF-8 JSON; never throws.
/// Errors: BadInput with "line L, column C" of `file`.
Result<Json> parseJson(std::string_view text, const std::filesystem::path& file = {});
/// Errors: as readFile() and parseJson().
Result<Json> readJson(const std::filesystem::path& path);
/// Error as the object {"kind", "message", "place", "file", "hint"} of the command line's answers.
Json toJson(const Error& error);
/// dump() that replaces invalid UTF-8 instead of throwing.
std::string dump(const Json& json, int indent = -1);

} // namespace clipscope
