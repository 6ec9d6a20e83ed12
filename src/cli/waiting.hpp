// What somebody at a terminal sees while natc works.
#pragma once

#include "base/progress.hpp"

namespace natc::cli {

/// As long as it lives, and until natc writes something, a progress is shown on standard error, in one line that is written over itself: from half a second
/// on, and only on a terminal that natc has to itself. A timer's signal does that, so that phases need no clock. There is one of them at a time. The line is
/// gone when it ends, and when a signal ends natc.
class Waiting {
public:
    explicit Waiting(const Progress& progress);
    Waiting(const Waiting&) = delete;
    Waiting& operator=(const Waiting&) = delete;
    ~Waiting();

private:
    bool on_ = false;
};

/// Takes the line away, if one is there, and shows none any more: called ahead of all that natc writes. Handlers of signals may call it, too.
void end_waiting();

}  // namespace natc::cli
