#include "base/result.h"

#include "base/files.h"
#include "base/guarded.h"
#include "base/require.h"

#include <cstdio>
#include <cstdlib>
#include <new>

namespace clipscope {

std::string_view errorKindName(ErrorKind kind)
{
    switch (kind) {
    case ErrorKind::BadInput:
        return "bad-input";
    case ErrorKind::NotFound:
        return "not-found";
    case ErrorKind::Io:
        return "io";
    case ErrorKind::Unsupported:
        return "unsupported";
    case ErrorKind::Conflict:
        return "conflict";
    case ErrorKind::OutOfMemory:
        return "out-of-memory";
    case ErrorKind::Cancelled:
        return "cancelled";
    case ErrorKind::Internal:
        return "internal";
    }
    return "internal";
}

int exitCodeOf(ErrorKind kind)
{
    return 2 + static_cast<int>(kind);
}

std::string Place::toString() const
{
    if (file.empty())
        return where;
    return where.empty() ? utf8(file) : utf8(file) + ": " + where;
}

std::string Error::toString() const
{
    std::string text = message;
    if (const std::string at = place.toString(); !at.empty())
        text += " [" + at + "]";
    for (const std::string& doing : context)
        text += "\n  " + doing;
    if (!hint.empty())
        text += "\n  " + hint;
    return text;
}

Error errorFromException(const std::exception_ptr& exception)
{
    try {
        std::rethrow_exception(exception);
    } catch (const std::bad_alloc&) {
        return { ErrorKind::OutOfMemory, "There is not enough memory.", {}, {},
            "Close other programs or use smaller batches." };
    } catch (const std::exception& error) {
        // LibTorch appends a stack trace after the first line; only the sentence helps a person.
        const std::string_view text = error.what();
        std::string first(text.substr(0, text.find('\n')));
        if (text.find("out of memory") != std::string_view::npos
            || text.find("can't allocate memory") != std::string_view::npos)
            return { ErrorKind::OutOfMemory, std::move(first), {}, {},
                "Use smaller batches or --device cpu." };
        return { ErrorKind::Internal, std::move(first), {}, {}, {} };
    } catch (...) {
        return { ErrorKind::Internal, "An unknown failure was raised by a library.", {}, {}, {} };
    }
}

void requirementFailed(
    const char* condition, const char* file, int line, const std::string& details)
{
    std::fprintf(
        stderr, "%s:%d: requirement failed: %s (%s)\n", file, line, condition, details.c_str());
    std::abort();
}

} // namespace clipscope
