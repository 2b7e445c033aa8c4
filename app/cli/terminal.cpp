#include "app/cli/terminal.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <condition_variable>
#include <cstdio>
#include <mutex>
#include <thread>

#include <sys/ioctl.h>
#include <unistd.h>

namespace clipscope::cli {

namespace {

using Clock = std::chrono::steady_clock;
constexpr auto redrawEvery = std::chrono::milliseconds(100);
constexpr auto lineEvery = std::chrono::seconds(5);

std::size_t terminalWidth()
{
    winsize size = {};
    return ::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

std::string durationText(double seconds)
{
    const auto whole = std::llround(seconds);
    char text[48];
    if (whole >= 3600)
        std::snprintf(
            text, sizeof(text), "%lld:%02lld:%02lld", whole / 3600, whole / 60 % 60, whole % 60);
    else
        std::snprintf(text, sizeof(text), "%lld:%02lld", whole / 60, whole % 60);
    return text;
}

std::string bar(const Progress& progress)
{
    constexpr int cells = 20;
    const double share = std::clamp(
        static_cast<double>(progress.done) / static_cast<double>(progress.total), 0.0, 1.0);
    const auto full = static_cast<std::size_t>(share * cells);
    std::string text(cells + 3, ' ');
    text.front() = '[';
    std::fill_n(text.begin() + 1, full, '=');
    text[cells + 1] = ']';
    return text;
}

/// At most `width` characters, never cutting through a UTF-8 character.
std::string shortened(const std::string& text, std::size_t width)
{
    std::size_t characters = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool starts = (static_cast<unsigned char>(text[i]) & 0xC0) != 0x80;
        if (starts && ++characters > width)
            return text.substr(0, i);
    }
    return text;
}

} // namespace

std::string progressText(const Progress& progress)
{
    std::string text = progress.phase;
    char number[64];
    if (progress.total > 0) {
        std::snprintf(number, sizeof(number), " %lld/%lld", static_cast<long long>(progress.done),
            static_cast<long long>(progress.total));
        text += number;
    } else if (progress.done > 0) {
        text.append(" ").append(std::to_string(progress.done));
    }
    if (!progress.unit.empty() && (progress.total > 0 || progress.done > 0))
        text += " " + progress.unit;
    if (progress.ratePerSecond > 0.0) {
        std::snprintf(number, sizeof(number), ", %.3g/s", progress.ratePerSecond);
        text += number;
        if (progress.total > progress.done)
            text.append(", ")
                .append(durationText(
                    static_cast<double>(progress.total - progress.done) / progress.ratePerSecond))
                .append(" left");
    }
    if (!progress.message.empty())
        text += ", " + progress.message;
    return text;
}

struct TerminalDisplay::Impl
{
    const bool isTerminal = ::isatty(STDERR_FILENO) != 0;
    std::mutex mutex;
    std::condition_variable_any wake;
    // Guarded by mutex.
    Progress latest;
    bool changed = false;
    bool barShown = false;
    Clock::time_point lastLine = Clock::now() - lineEvery;
    std::string lastPhase;
    std::jthread painter;

    void clearBar()
    {
        if (barShown)
            std::fputs("\r\033[K", stderr);
        barShown = false;
    }

    void draw()
    {
        if (!changed || latest.phase.empty())
            return;
        const std::string text = progressText(latest);
        if (isTerminal) {
            const std::string line = (latest.total > 0 ? bar(latest) : "") + text;
            std::fprintf(stderr, "\r%s\033[K", shortened(line, terminalWidth() - 1).c_str());
            barShown = true;
        } else {
            const auto now = Clock::now();
            const bool finished = latest.total > 0 && latest.done == latest.total;
            if (now - lastLine < lineEvery && latest.phase == lastPhase && !finished)
                return;
            std::fprintf(stderr, "%s\n", text.c_str());
            lastLine = now;
            lastPhase = latest.phase;
        }
        std::fflush(stderr);
        changed = false;
    }
};

TerminalDisplay::TerminalDisplay()
    : m_impl(new Impl)
{
    m_impl->painter = std::jthread([impl = m_impl.get()](std::stop_token stop) {
        std::unique_lock guard(impl->mutex);
        while (!stop.stop_requested()) {
            impl->wake.wait_for(guard, stop, redrawEvery, [] { return false; });
            impl->draw();
        }
        impl->draw(); // a short job may be over before this thread begins
    });
}

TerminalDisplay::~TerminalDisplay()
{
    close();
}

void TerminalDisplay::close()
{
    if (!m_impl->painter.joinable())
        return;
    m_impl->painter.request_stop();
    m_impl->painter.join();
    m_impl->clearBar();
    std::fflush(stderr);
}

void TerminalDisplay::report(const Progress& progress)
{
    const std::lock_guard guard(m_impl->mutex);
    m_impl->changed = m_impl->changed || !(m_impl->latest == progress);
    m_impl->latest = progress;
}

void TerminalDisplay::write(LogLevel level, std::string_view line)
{
    const std::lock_guard guard(m_impl->mutex);
    m_impl->clearBar();
    const char* mark = level == LogLevel::Info ? ""
        : level == LogLevel::Warning           ? "warning: "
                                               : "error: ";
    std::fprintf(stderr, "%s%.*s\n", mark, static_cast<int>(line.size()), line.data());
    m_impl->changed = true;
}

} // namespace clipscope::cli
