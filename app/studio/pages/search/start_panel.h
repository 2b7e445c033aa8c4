#pragma once

#include "widgets/common/icons.h"

#include <QStringList>
#include <QWidget>

class QLabel;
class QVBoxLayout;

namespace clipscope::studio {

/// What the Search page shows before anything is typed: queries to try and those of before.
/// Threads: GUI thread only.
class StartPanel final : public QWidget
{
    Q_OBJECT

public:
    explicit StartPanel(QWidget* parent = nullptr);
    void setQueries(
        const QStringList& suggestions, const QStringList& pinned, const QStringList& recent);

Q_SIGNALS:
    void queryChosen(const QString& query);

private:
    /// A heading with one button per query; hidden when there are none.
    struct Group
    {
        QWidget* box = nullptr;
        QVBoxLayout* buttons = nullptr;
        QStringList shown;
    };
    Group addGroup(QVBoxLayout* column, const QString& heading);
    void fill(Group& group, const QStringList& queries, widgets::Icon icon);

    Group m_suggestions;
    Group m_pinned;
    Group m_recent;
};

} // namespace clipscope::studio
