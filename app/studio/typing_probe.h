#pragma once

#include <QElapsedTimer>
#include <QObject>
#include <QString>
#include <QTimer>

#include <vector>

class QLineEdit;

namespace clipscope::widgets {
class HeatStrip;
}

namespace clipscope::studio {

class MainWindow;
class ModelService;

/// Measures how long the strip under the scrubber takes to follow the typing.
///
/// Searches for the words once, so that a video is open, clears the box and types them letter by
/// letter, as a keyboard would. A letter's time runs from its key press to the end of the paint
/// that shows its scores, or to their arrival where they are those of before; spaces change no
/// query and are not measured.
/// Errors:  a letter without an answer within ten seconds counts as ten seconds.
/// Threads: GUI thread only; the window must outlive it.
class TypingProbe final : public QObject
{
    Q_OBJECT

public:
    TypingProbe(MainWindow& window, ModelService& model, QString words);
    ~TypingProbe() override;

    /// One figure per letter, in milliseconds.
    const std::vector<double>& milliseconds() const { return m_milliseconds; }

Q_SIGNALS:
    void finished();

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    void begin();
    void typeNext();
    void take();

    MainWindow& m_window;
    QString m_words;
    QLineEdit* m_box;
    widgets::HeatStrip* m_strip;
    std::vector<float> m_before; ///< scores when the letter was typed
    std::vector<double> m_milliseconds;
    qsizetype m_next = 0; ///< letter
    bool m_waiting = false; ///< for the paint of a letter
    QElapsedTimer m_clock;
    QTimer m_look; ///< until the window has settled
    QTimer m_patience;
};

} // namespace clipscope::studio
