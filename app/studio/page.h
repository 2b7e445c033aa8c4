#pragma once

#include "app/studio/actions.h"
#include "widgets/common/icons.h"

#include <QJsonObject>
#include <QWidget>

#include <vector>

class QLabel;

namespace clipscope::studio {

/// In the order of the rail. A page exists when it can do something.
enum class PageId { Collection, Search, Timeline, Training, Clusters, Evaluate };

/// One page of the window. Pages do not know each other; they ask through Navigator.
/// Threads: GUI thread only.
class Page : public QWidget
{
    Q_OBJECT

public:
    using QWidget::QWidget;

    virtual PageId id() const = 0;
    virtual QString title() const = 0; ///< "Search": rail, window title
    virtual widgets::Icon icon() const = 0;
    /// The page's actions: menu, keys and the shortcut sheet read them from here.
    virtual std::vector<ActionRow> actionRows() { return {}; }
    /// False while the page still loads what it is about to show (screenshots wait for it).
    virtual bool isSettled() const { return true; }
    /// Gives the focus to what the arrow keys are for on this page.
    virtual void takeFocus() { setFocus(); }
    /// What is restored at the next start: splitters, sorting, selection.
    virtual QJsonObject saveState() const { return {}; }
    virtual void restoreState(const QJsonObject& state) { Q_UNUSED(state) }

protected:
    /// The title as it stands in a page's header.
    QLabel* titleLabel(QWidget* header) const;
    /// Header, a rule, the content, and what stands below it.
    void assemble(QWidget* header, QWidget* content, QWidget* footer = nullptr);
};

} // namespace clipscope::studio
