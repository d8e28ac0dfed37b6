"""New ids sort by birth; catalogue codes have one form."""

from catalogue_app.domain.ids import catalogue_code, new_id


def test_new_ids_are_version_seven_and_differ() -> None:
    ids = [new_id() for _ in range(1000)]
    assert {one.version for one in ids} == {7}
    assert {one.variant for one in ids} == {"specified in RFC 4122"}
    assert len(set(ids)) == 1000


def test_ids_sort_by_the_millisecond_of_their_birth() -> None:
    millis = [new_id().int >> 80 for _ in range(1000)]
    assert millis == sorted(millis)


def test_codes_are_as_wide_as_their_serial_number_and_eight_digits_at_least() -> None:
    assert catalogue_code("TJ", 47) == "TJ00000047"
    assert catalogue_code("TJ", 1234567890) == "TJ1234567890"
