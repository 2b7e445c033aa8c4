#pragma once

#include "base/result.h"

#include <cerrno>
#include <cstring>
#include <string>
#include <string_view>

namespace clipscope {

/// An Io or NotFound error that quotes the system, with a hint for a full disk.
/// Ranges: code is an errno.
inline Error systemError(std::string_view what, const std::filesystem::path& path, int code)
{
    Error error{ code == ENOENT ? ErrorKind::NotFound : ErrorKind::Io,
        std::string(what) + ": " + std::strerror(code) + ".", { path, {} }, {}, {} };
    if (code == ENOSPC || code == EDQUOT || code == EFBIG)
        error.hint = "Free some space on this disk and run the command again; "
                     "what was finished is kept.";
    return error;
}

} // namespace clipscope
