#pragma once

#include <QStringList>
#include <QWidget>

#include <memory>

class QComboBox;
class QGridLayout;
class QLabel;
class QLineEdit;
class QPushButton;

namespace clipscope::widgets {
class SettingsForm;
}

namespace clipscope::studio {

/// The form that starts a training run, made from the settings of `pretrain`.
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
    QStringList arguments() const; ///< of the verb, after the project
    widgets::SettingsForm& form() { return *m_form; }

Q_SIGNALS:
    void startRequested(const QStringList& arguments);
    void cancelled();

private:
    QGridLayout* buildHead();
    QStringList ownArguments() const; ///< name and beginning, which are no settings
    void chooseFile();
    void refresh();

    QString m_project;
    QStringList m_runs;
    QLineEdit* m_name;
    QLabel* m_nameProblem;
    QComboBox* m_from;
    struct Values; ///< LibTorch's names stay out of this header
    std::unique_ptr<Values> m_values;
    widgets::SettingsForm* m_form;
    QPushButton* m_start;
};

} // namespace clipscope::studio
