#include "store/process.h"

#include "base/files.h"

#include <sstream>
#include <string>

#include <unistd.h>

namespace clipscope::store {

std::uint64_t processStart(std::int64_t pid)
{
    const auto stat = readFile("/proc/" + std::to_string(pid) + "/stat");
    if (!stat)
        return 0;
    // "PID (NAME) STATE ...": NAME may hold anything, so counting starts behind the last ')'.
    const std::size_t nameEnd = stat->rfind(')');
    if (nameEnd == std::string::npos)
        return 0;
    std::istringstream fields(stat->substr(nameEnd + 1));
    std::string state, skipped;
    fields >> state;
    if (state == "Z" || state == "X") // dead, only not yet waited for
        return 0;
    for (int field = 4; field < 22; ++field)
        fields >> skipped;
    std::uint64_t start = 0;
    fields >> start;
    return start;
}

std::int64_t ownPid()
{
    return ::getpid();
}

} // namespace clipscope::store
