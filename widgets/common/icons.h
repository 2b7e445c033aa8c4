#pragma once

#include <QIcon>

class QAbstractButton;

namespace clipscope::widgets {

/// The icon set of resources/icons; the file name is the enumerator in lower-kebab.
enum class Icon {
    Add,
    Cancel,
    Captions,
    Check,
    ChevronDown,
    ChevronRight,
    Clock,
    Close,
    Clusters,
    Collection,
    Copy,
    Details,
    Drop,
    Error,
    Evaluate,
    Export,
    Film,
    Folder,
    FrameBack,
    FrameForward,
    Help,
    Info,
    Jobs,
    List,
    Logo,
    Loop,
    Mute,
    Pause,
    Pin,
    Play,
    Preferences,
    Resume,
    Search,
    SkipBack,
    SkipForward,
    Stop,
    Theme,
    Timeline,
    Training,
    Volume,
    Warning,
};

/// Follows the theme by itself: text colour, the disabled colour, the accent when checked.
/// Threads: GUI thread only.
QIcon icon(Icon name);

/// Puts the icon before a button's text, with some air between them.
void decorate(QAbstractButton& button, Icon name);

/// The same drawing in one fixed colour, at any size and device pixel ratio.
QPixmap iconPixmap(Icon name, const QColor& colour, int logicalPixels, qreal devicePixelRatio);

} // namespace clipscope::widgets
