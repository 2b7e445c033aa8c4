#pragma once

#include "app/studio/lane.h"

#include <QPlainTextEdit>
#include <QTimer>

#include <cstdint>
#include <filesystem>
#include <string>

namespace clipscope::studio {

/// Follows a log file while it grows: the end stays in view unless the user scrolled up.
/// Errors:  none; a file that is not there yet is an empty log.
/// Threads: GUI thread only; the file is read in a lane, once a second while visible.
class LogView final : public QPlainTextEdit
{
    Q_OBJECT

public:
    explicit LogView(QWidget* parent = nullptr);
    /// Shows another file, from its last 256 kB on; an empty path shows nothing.
    void setFile(const std::filesystem::path& file);
    /// Reads what was added at once.
    void refresh();

private:
    struct Chunk
    {
        std::string text;
        std::uint64_t end = 0;
    };
    std::filesystem::path m_file;
    std::uint64_t m_offset = 0;
    QTimer m_timer;
    Lane<Chunk> m_lane;
};

} // namespace clipscope::studio
