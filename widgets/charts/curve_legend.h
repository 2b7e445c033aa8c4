#pragma once

#include <QPen>
#include <QString>
#include <QWidget>

#include <vector>

namespace clipscope::widgets {

/// The legend under a chart: line, name and value at the cursor for each curve, in as many lines
/// as the width asks for.
/// Threads: GUI thread only.
class CurveLegend final : public QWidget
{
    Q_OBJECT

public:
    struct Entry
    {
        QString name;
        QString value;
        QPen pen;
    };

    explicit CurveLegend(QWidget* parent = nullptr);
    void setEntries(std::vector<Entry> entries);
    bool hasHeightForWidth() const override { return true; }
    int heightForWidth(int width) const override;
    QSize sizeHint() const override;

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    /// Where each entry begins, for a width.
    std::vector<QPoint> places(int width) const;
    int entryWidth(const Entry& entry) const;

    std::vector<Entry> m_entries;
};

} // namespace clipscope::widgets
