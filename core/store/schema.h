#pragma once

#include "store/database.h"

#include <span>

namespace clipscope::store {

/// The tables of one kind of SQLite file of a project. Private to the module.
struct Schema
{
    std::int64_t applicationId; ///< tells our files from other SQLite files
    std::span<const char* const> migrations; ///< entry i makes version i + 1 from version i
    std::string_view what; ///< "the catalogue of a Clipscope project"
    std::string_view hint; ///< what to do about a file that is not one

    std::int64_t version() const { return static_cast<std::int64_t>(migrations.size()); }
};

extern const Schema catalogueSchema; ///< project.sqlite (docs/formats/catalogue.md)
extern const Schema labelSchema; ///< labels.sqlite (docs/formats/label-store.md)

/// Brings an empty or older database to the schema's version, in one transaction.
Status migrate(Database& database, const Schema& schema);
/// The number of migrations a database has been through.
Result<std::int64_t> versionOf(const Database& database);
/// A file without any table: made, but not yet migrated.
Result<bool> isEmpty(const Database& database);
/// Errors: Unsupported (newer version), BadInput (some other SQLite file).
Status checkSchema(
    const Database& database, const Schema& schema, const std::filesystem::path& file);

} // namespace clipscope::store
