#pragma once

#include "base/result.h"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

struct sqlite3;
struct sqlite3_stmt;

namespace clipscope::store {

enum class Access;

/// A prepared statement of a Database, which outlives it. Private to the module.
/// Binding goes by the order of the calls; its failures show at the next step().
class Statement final
{
public:
    Statement(Statement&& other) noexcept;
    Statement& operator=(Statement&&) = delete;
    ~Statement();

    Statement& bind(std::int64_t value);
    Statement& bind(double value);
    Statement& bind(std::string_view text);
    Statement& bindBlob(std::string_view bytes);
    Statement& bindNull();
    /// True when there is a row. Errors: as Database.
    Result<bool> step();
    /// For statements without rows. Makes it ready for new values.
    Status run();

    std::int64_t integer(int column) const;
    double real(int column) const;
    std::string text(int column) const; ///< text or blob
    bool isNull(int column) const;

private:
    friend class Database;
    Statement(const class Database& database, sqlite3_stmt* handle);
    const Database* m_database;
    sqlite3_stmt* m_handle;
    int m_next = 1;
    int m_bindError = 0;
};

/// One SQLite connection. Private to the module.
/// Errors: Io (disk full has a hint), BadInput (damaged, not a database), Conflict (busy, read
///         only, a constraint), OutOfMemory.
class Database final
{
public:
    static Result<std::unique_ptr<Database>> open(
        const std::filesystem::path& path, Access access, bool create);
    Database(const Database&) = delete;
    Database& operator=(const Database&) = delete;
    ~Database();

    Access access() const { return m_access; }
    /// Runs one or more statements without rows.
    Status execute(const std::string& sql);
    Result<Statement> prepare(std::string_view sql) const;
    std::int64_t lastInsertedId() const;
    std::int64_t changedRows() const;
    Error lastError() const;

private:
    Database(std::filesystem::path path, Access access);
    Status connect(bool create);
    std::filesystem::path m_path;
    Access m_access;
    sqlite3* m_handle = nullptr;
};

/// Rolls back unless committed.
class Transaction final
{
public:
    static Result<Transaction> begin(Database& database);
    Transaction(Transaction&& other) noexcept;
    Transaction& operator=(Transaction&&) = delete;
    ~Transaction();
    Status commit();

private:
    explicit Transaction(Database& database)
        : m_database(&database)
    {
    }
    Database* m_database;
};

} // namespace clipscope::store
