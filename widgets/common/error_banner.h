#pragma once

#include "base/result.h"

#include <QFrame>
#include <QString>

class QLabel;
class QPushButton;
class QVBoxLayout;

namespace clipscope::widgets {

/// Title of an error for people: "This could not be read", "The disk refused", ...
QString errorTitle(ErrorKind kind);

enum class Severity { Info, Warning, Error };

/// One strip that says what went wrong (or what is worth knowing): title, sentence, place as a
/// link, Copy, Details. Message boxes are only for questions.
/// Threads: GUI thread only.
class ErrorBanner final : public QFrame
{
    Q_OBJECT

public:
    explicit ErrorBanner(const Error& error, QWidget* parent = nullptr);
    ErrorBanner(
        Severity severity, const QString& title, const QString& message, QWidget* parent = nullptr);

    /// What Copy puts on the clipboard.
    QString fullText() const { return m_fullText; }
    /// Adds a button that does something about it; closes nothing by itself.
    QPushButton* addAction(const QString& text);

Q_SIGNALS:
    /// The place was clicked: a file of the outside world.
    void placeActivated(const QString& path);
    void dismissed();

private:
    void build(Severity severity, const QString& title, const QString& message, const Error* error);
    QString m_fullText;
    QLabel* m_details = nullptr;
    QWidget* m_actions = nullptr;
};

/// The place under the top bar where banners appear, newest first, at most three.
/// The same text twice is shown once. Cancelled shows nothing.
/// Threads: GUI thread only.
class BannerArea final : public QWidget
{
    Q_OBJECT

public:
    explicit BannerArea(QWidget* parent = nullptr);
    void show(const Error& error);
    ErrorBanner* show(Severity severity, const QString& title, const QString& message);
    void clear();
    /// The banners that are visible now, newest first.
    QList<ErrorBanner*> banners() const;

Q_SIGNALS:
    void placeActivated(const QString& path);

private:
    ErrorBanner* insert(ErrorBanner* banner);
    QVBoxLayout* m_layout;
};

} // namespace clipscope::widgets
