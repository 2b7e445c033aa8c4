#pragma once

#include "app/studio/services.h"

#include <QFrame>

class QLineEdit;
class QToolButton;

namespace clipscope::studio {

/// The bar over every page: project menu, query box, checkpoint picker.
/// Threads: GUI thread only.
class TopBar final : public QFrame
{
    Q_OBJECT

public:
    explicit TopBar(Services& services, QWidget* parent = nullptr);
    void setQuery(const QString& text);
    QString query() const;
    void focusQuery();
    bool isTyping() const; ///< the query box has the focus

Q_SIGNALS:
    void newProjectRequested();
    void openProjectRequested();
    void queryLeft(); ///< Escape or Down: the keys are for the page again

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    void fillProjectMenu();
    void fillCheckpointMenu();
    void refresh();

    Services& m_services;
    QToolButton* m_project;
    QLineEdit* m_query;
    QToolButton* m_checkpoint;
};

} // namespace clipscope::studio
