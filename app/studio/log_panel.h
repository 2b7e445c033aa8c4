#pragma once

#include <QWidget>

#include <filesystem>

class QLabel;
class QLineEdit;

namespace clipscope::studio {

class LogView;

/// A log with a search line: what is looked for is marked everywhere, Enter goes to the next place,
/// Shift+Enter to the one before.
/// Threads: GUI thread only.
class LogPanel final : public QWidget
{
    Q_OBJECT

public:
    explicit LogPanel(QWidget* parent = nullptr);
    void setFile(const std::filesystem::path& file);

private:
    void find(bool backwards);
    void mark();

    QLineEdit* m_words;
    QLabel* m_found;
    LogView* m_log;
};

} // namespace clipscope::studio
