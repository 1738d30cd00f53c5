/// Where a record stands, for people: `var/inbox/a.csv, line 9`, or `https://api.example.org/v1, record 3`, the first one being 1.
///
/// - Parameters:
///   - place: a file's path, or the URL of a page.
///   - position: the line in the file; in a page how many records are before it.
func recordPlace(_ place: String, _ position: Int) -> String {
    place.contains("://") ? "\(place), record \(position + 1)" : "\(place), line \(position)"
}
