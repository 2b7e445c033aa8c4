#pragma once

#include "app/studio/lane.h"
#include "labels/label_file.h"

#include <QObject>

class QWidget;

namespace clipscope::studio {

class ProjectSession;
class TimelineDesk;

/// Labels of the video at hand out to files of other tools and back in, through file dialogs;
/// files are read and written off the GUI thread.
/// Errors:  through TimelineDesk::failed(); notes through TimelineDesk::refused().
/// Threads: GUI thread only.
class LabelExchange final : public QObject
{
    Q_OBJECT

public:
    LabelExchange(const ProjectSession& project, TimelineDesk& desk, QWidget* window);

    void askImport();
    void askExport(labels::Format format);
    void importFile(const QString& file, labels::Format format);
    void exportFile(const QString& file, labels::Format format);
    /// "ELAN (EAF)": for menus.
    static QString titleOf(labels::Format format);

Q_SIGNALS:
    /// Done: "3 tiers from talk.eaf".
    void done(const QString& sentence);

private:
    struct Imported
    {
        labels::LabelFile file;
        QString name;
    };
    void takeImported(Result<Imported> imported);

    const ProjectSession& m_project;
    TimelineDesk& m_desk;
    QWidget* m_window;
    Lane<Imported> m_import;
    Lane<labels::WrittenLabels> m_export;
};

} // namespace clipscope::studio
