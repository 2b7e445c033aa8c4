#pragma once

#include "base/result.h"

#include <cerrno>
#include <cstring>
#include <string>

namespace clipscope::store {

/// What the system said about a file, with a hint when the disk is full. Private to the module.
inline Error systemError(std::string_view what, const std::filesystem::path& path, int code)
{
    Error error{ code == ENOENT ? ErrorKind::NotFound : ErrorKind::Io,
        std::string(what) + ": " + std::strerror(code) + ".", { path, {} }, {}, {} };
    if (code == ENOSPC || code == EDQUOT || code == EFBIG)
        error.hint = "Free some space on this disk and run the command again; "
                     "what was finished is kept.";
    return error;
}

} // namespace clipscope::store
