#pragma once

#include <QString>

#include <array>
#include <functional>

class QToolButton;
class QWidget;

namespace clipscope::widgets {

/// The speeds that a video is played at, in video seconds per second; others in between are
/// possible. Sound is heard from 0.5 to 2.
inline constexpr std::array playSpeeds{ 0.1, 0.25, 0.5, 0.75, 1.0, 1.25, 1.5, 2.0, 3.0, 4.0 };

/// The next slower (-1) or faster (+1) of them; the last one stays.
double neighbourSpeed(double speed, int direction);
/// "1.5" and the sign for times.
QString speedText(double speed);
/// A button that shows a speed and has a menu of them; `current` tells which one is checked,
/// `choose` gets the one picked.
QToolButton* speedButton(
    QWidget* parent, std::function<double()> current, const std::function<void(double)>& choose);

} // namespace clipscope::widgets
