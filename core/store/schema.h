#pragma once

#include "store/database.h"

namespace clipscope::store {

/// The catalogue version this build writes (docs/formats/catalogue.md).
inline constexpr std::int64_t schemaVersion = 1;

/// Brings an empty or older database to `schemaVersion`, in one transaction. Private to the module.
Status migrate(Database& database);
/// Errors: Unsupported (newer version), BadInput (some other SQLite file).
Status checkSchema(const Database& database, const std::filesystem::path& file);

} // namespace clipscope::store
