#include "app/studio/log_view.h"

#include "widgets/common/format.h"

#include <QFontDatabase>
#include <QScrollBar>

#include <fstream>

namespace clipscope::studio {

namespace {

constexpr std::uint64_t tailBytes = 256ull * 1024;

} // namespace

LogView::LogView(QWidget* parent)
    : QPlainTextEdit(parent)
    , m_lane(this)
{
    setObjectName(QStringLiteral("logView"));
    setAccessibleName(tr("Log"));
    setReadOnly(true);
    setLineWrapMode(QPlainTextEdit::NoWrap);
    setFrameShape(QFrame::NoFrame);
    setFont(QFontDatabase::systemFont(QFontDatabase::FixedFont));
    setMaximumBlockCount(20000);
    m_timer.setInterval(1000);
    connect(&m_timer, &QTimer::timeout, this, [this] {
        if (isVisible())
            refresh();
    });
    m_timer.start();
}

void LogView::setFile(const std::filesystem::path& file)
{
    if (file == m_file)
        return;
    m_lane.cancel();
    m_file = file;
    m_offset = 0;
    clear();
    refresh();
}

void LogView::refresh()
{
    if (m_file.empty() || m_lane.isBusy())
        return;
    m_lane.run(
        [file = m_file, offset = m_offset](std::stop_token) -> Result<Chunk> {
            std::error_code missing;
            const std::uint64_t size = std::filesystem::file_size(file, missing);
            Chunk chunk;
            if (missing)
                return chunk;
            std::uint64_t from = offset <= size ? offset : 0;
            if (size - from > tailBytes)
                from = size - tailBytes;
            std::ifstream stream(file, std::ios::binary);
            stream.seekg(static_cast<std::streamoff>(from));
            chunk.text.resize(static_cast<std::size_t>(size - from));
            stream.read(chunk.text.data(), static_cast<std::streamsize>(chunk.text.size()));
            chunk.text.resize(static_cast<std::size_t>(stream.gcount()));
            // Whole lines only: half a character of UTF-8 would be shown as damage.
            const std::size_t lines = chunk.text.rfind('\n');
            chunk.text.resize(lines == std::string::npos ? 0 : lines + 1);
            chunk.end = from + chunk.text.size();
            return chunk;
        },
        [this](Result<Chunk> chunk) {
            if (!chunk || chunk->text.empty())
                return;
            m_offset = chunk->end;
            QScrollBar* bar = verticalScrollBar();
            const bool atEnd = bar->value() >= bar->maximum() - 2;
            chunk->text.pop_back();
            appendPlainText(widgets::fromUtf8(chunk->text));
            if (atEnd)
                bar->setValue(bar->maximum());
        });
}

} // namespace clipscope::studio
