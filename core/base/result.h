#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <tl/expected.hpp>

namespace clipscope {

/// What went wrong, by what the caller can do about it. The command line's exit codes follow it.
enum class ErrorKind {
    BadInput, ///< a file, setting or argument that does not say what it must
    NotFound, ///< a file, video, run or checkpoint that is not there
    Io, ///< the system refused to read or write
    Unsupported, ///< valid, but not something this build can do
    Conflict, ///< somebody else holds it, or it is already there
    OutOfMemory, ///< host or device memory ran out
    Cancelled, ///< the user asked to stop
    Internal, ///< a defect of Clipscope
};

/// "bad-input", "not-found", ...: the word used in JSON and in `state.json`.
std::string_view errorKindName(ErrorKind kind);

/// Process exit code of a kind: 2 BadInput, 3 NotFound, 4 Io, 5 Unsupported, 6 Conflict,
/// 7 OutOfMemory, 8 Cancelled, 9 Internal. 0 is success, 1 "done, but some items were skipped".
int exitCodeOf(ErrorKind kind);

/// Where in the outside world an error lies. Empty members are not known.
struct Place
{
    std::filesystem::path file;
    /// "line 3, column 7", "byte 128", "0:04.2", "tensor fc.weight": free text.
    std::string where;

    /// "FILE: WHERE", "FILE", "WHERE" or "".
    std::string toString() const;
    bool operator==(const Place&) const = default;
};

/// A failure of the outside world: one sentence, the place, what was being done, what to do.
struct Error
{
    ErrorKind kind = ErrorKind::Internal;
    std::string message;
    Place place;
    std::vector<std::string> context; ///< innermost first: "while extracting video X"
    std::string hint; ///< what the user can do, may be empty

    /// Everything in one or more lines, for logs and terminals.
    std::string toString() const;
    bool operator==(const Error&) const = default;
};

/// A value or an Error. Errors travel by value, nothing is thrown.
/// Threads: as its value type.
template<typename T> class [[nodiscard]] Result : public tl::expected<T, Error>
{
public:
    using tl::expected<T, Error>::expected;

    /// Adds a frame of context when this is an error; for layer borders.
    Result&& withContext(std::string doing) &&
    {
        if (!this->has_value())
            this->error().context.push_back(std::move(doing));
        return std::move(*this);
    }
};

using Status = Result<void>;

/// Shortest way to return an error: `return fail(ErrorKind::BadInput, "…", {path, "line 3"});`
inline tl::unexpected<Error> fail(
    ErrorKind kind, std::string message, Place place = {}, std::string hint = {})
{
    return tl::unexpected<Error>(
        Error{ kind, std::move(message), std::move(place), {}, std::move(hint) });
}
inline tl::unexpected<Error> fail(Error error)
{
    return tl::unexpected<Error>(std::move(error));
}

} // namespace clipscope

#define CLIP_CONCAT_(a, b) a##b
#define CLIP_CONCAT(a, b) CLIP_CONCAT_(a, b)

/// Returns the error of a Result from the calling function, goes on otherwise.
#define CLIP_TRY(expr)                                                                             \
    do {                                                                                           \
        if (auto clipTryResult = (expr); !clipTryResult)                                           \
            return ::clipscope::fail(std::move(clipTryResult).error());                            \
    } while (false)

/// `CLIP_TRY_ASSIGN(auto frames, decoder.read(range));`
#define CLIP_TRY_ASSIGN(target, expr)                                                              \
    auto CLIP_CONCAT(clipTry, __LINE__) = (expr);                                                  \
    if (!CLIP_CONCAT(clipTry, __LINE__))                                                           \
        return ::clipscope::fail(std::move(CLIP_CONCAT(clipTry, __LINE__)).error());               \
    target = std::move(*CLIP_CONCAT(clipTry, __LINE__))
