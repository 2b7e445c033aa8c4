#pragma once

#include "base/result.h"

#include <nlohmann/json.hpp>

#include <optional>
#include <string>
#include <utility>

namespace clipscope {

/// Order of keys is kept as written.
using Json = nlohmann::ordered_json;

/// Parses UTF-8 JSON; never throws.
/// Errors: BadInput with "line L, column C" of `file`; when it is nested deeper than 500 levels.
Result<Json> parseJson(std::string_view text, const std::filesystem::path& file = {});
/// Errors: as readFile() and parseJson().
Result<Json> readJson(const std::filesystem::path& path);
/// Error as the object {"kind", "message", "place", "file", "hint"} of the command line's answers.
Json toJson(const Error& error);
/// dump() that replaces invalid UTF-8 instead of throwing.
std::string dump(const Json& json, int indent = -1);

// What a member is, where it may be missing or of another type.
const Json& memberOf(const Json& object, const char* key); ///< null when there is none
std::optional<double> numberOf(const Json& object, const char* key);
std::optional<std::string> textOf(const Json& object, const char* key);
std::optional<std::pair<double, double>> pairOf(const Json& array); ///< of two numbers
/// BadInput: "The JSON is of another form: " with what was wanted at `where` of the file.
tl::unexpected<Error> anotherForm(
    const std::filesystem::path& name, std::string where, std::string_view wanted);

} // namespace clipscope
