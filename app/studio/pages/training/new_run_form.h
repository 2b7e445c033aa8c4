#pragma once

#include <QWidget>

#include <memory>

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
    explicit NewRunForm(QWidget* parent = nullptr);
    ~NewRunForm() override;
    void setProject(const QString& folder);
    QStringList arguments() const; ///< of the verb, after the project
    widgets::SettingsForm& form() { return *m_form; }

Q_SIGNALS:
    void startRequested(const QStringList& arguments);
    void cancelled();

private:
    struct Values; ///< LibTorch's names stay out of this header
    std::unique_ptr<Values> m_values;
    widgets::SettingsForm* m_form;
    QPushButton* m_start;
};

} // namespace clipscope::studio
