#pragma once

#include "app/studio/pages/training/run_details.h"

#include <QStringList>
#include <QWidget>

#include <memory>
#include <vector>

class QComboBox;
class QGridLayout;
class QLabel;
class QLineEdit;
class QPushButton;
class QScrollArea;

namespace clipscope::widgets {
class SettingsForm;
}

namespace clipscope::studio {

/// The form that starts a training run, or forks one, made from the settings of `pretrain`.
/// Threads: GUI thread only.
class NewRunForm final : public QWidget
{
    Q_OBJECT

public:
    /// A checkpoint of the project that a run can begin with.
    struct Beginning
    {
        QString name; ///< as the verb takes it
        QString title; ///< for people

        bool operator==(const Beginning&) const = default;
    };

    explicit NewRunForm(QWidget* parent = nullptr);
    ~NewRunForm() override;
    /// Another project: nothing of the old one stays but the settings.
    void setProject(const QString& folder);
    void setBeginnings(const QList<Beginning>& beginnings);
    /// Names that are taken.
    void setRuns(const QStringList& names);
    /// A run that begins anew. What was set before stays, unless it was of a fork.
    void beginNew();
    /// A run that shares the past of `run` and goes on with what is changed here.
    void beginFork(const QString& run, const std::vector<RunSetting>& settings);
    /// "pretrain", or "runs" for a fork.
    QString verb() const;
    QStringList arguments() const; ///< of the verb, project included
    widgets::SettingsForm& form() { return *m_form; }

Q_SIGNALS:
    void startRequested(const QStringList& arguments);
    void cancelled();

private:
    QGridLayout* buildHead();
    QStringList ownArguments() const; ///< all but the settings
    void chooseFile();
    void refresh();

    QString m_project;
    QStringList m_runs;
    QString m_forked; ///< the run that is forked; empty for one that begins anew
    QLabel *m_title, *m_hint, *m_fromLabel;
    QLineEdit* m_name;
    QLabel* m_nameProblem;
    QComboBox* m_from;
    struct Values; ///< LibTorch's names stay out of this header
    std::unique_ptr<Values> m_values;
    widgets::SettingsForm* m_form;
    QScrollArea* m_area;
    QPushButton* m_start;
};

} // namespace clipscope::studio
