import HTTPTypes

extension Problem {
    /// A cursor that was not written by this server, or not by this route.
    static var brokenCursor: Problem {
        Problem(
            .badRequest,
            code: "invalid_cursor",
            detail:
                "`cursor` is not a cursor of this list; it may have been cut or changed on the way. Take `next_cursor` "
                + "as it stands, or leave `cursor` out to start at the first page.",
            parameter: "cursor"
        )
    }

    /// A parameter beside a cursor that asks for another list than the cursor's.
    static func contradictsCursor(_ name: String) -> Problem {
        Problem(
            .badRequest,
            code: "contradicts_cursor",
            detail:
                "`\(name)` is not what it was when `cursor` was made. Leave `\(name)` out, or leave `cursor` out to "
                + "start a new list.",
            parameter: name
        )
    }
}
