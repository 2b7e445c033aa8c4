#pragma once

#include "app/studio/job_list.h"

#include <QFrame>

class QLabel;
class QListView;
class QProgressBar;
class QPushButton;
class QToolButton;

namespace clipscope::widgets {
class ElidedLabel;
}

namespace clipscope::studio {

/// Long work at the foot of the window: one line for what runs, a list when opened. Hidden while
/// there is nothing to say.
/// Threads: GUI thread only.
class JobsStrip final : public QFrame
{
    Q_OBJECT

public:
    explicit JobsStrip(JobService& jobs, QWidget* parent = nullptr);
    void setExpanded(bool expanded);

private:
    void buildLine();
    void buildList();
    void refresh();
    void refreshButtons();
    QString selectedId() const;
    void showLog(const QString& id);

    JobService& m_service;
    JobList m_list;
    QString m_current; ///< the job of the one line
    QLabel* m_title;
    QProgressBar* m_bar;
    widgets::ElidedLabel* m_text;
    QToolButton* m_cancel;
    QPushButton* m_resume;
    QToolButton* m_expand;
    QWidget* m_details;
    QListView* m_view;
    QPushButton *m_listCancel, *m_listResume, *m_listLog, *m_listDismiss;
};

} // namespace clipscope::studio
