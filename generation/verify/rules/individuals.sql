-- rule: reference_person_is_adult
-- table: individuals
-- over: individuals
-- says: A reference person is 18 or older.
relationship = 'reference_person' AND age < 18

-- rule: partner_is_adult
-- table: individuals
-- over: individuals
-- says: A spouse or unmarried partner is 18 or older.
relationship IN ('spouse', 'unmarried_partner') AND age < 18

-- rule: married_person_is_adult
-- table: individuals
-- over: individuals
-- says: Who is married is 18 or older.
marital_status = 'married' AND age < 18

-- rule: age_agrees_with_birth_date
-- table: individuals
-- over: individuals
-- says: age is the completed years from birth_date to as_of.
age <> EXTRACT(YEAR FROM DATE '{as_of}') - EXTRACT(YEAR FROM birth_date) - CASE
    WHEN EXTRACT(MONTH FROM birth_date) * 100 + EXTRACT(DAY FROM birth_date)
       > EXTRACT(MONTH FROM DATE '{as_of}') * 100 + EXTRACT(DAY FROM DATE '{as_of}') THEN 1 ELSE 0 END

-- rule: age_is_possible
-- table: individuals
-- over: individuals
-- says: age is 0 to 115.
age < 0 OR age > 115

-- rule: parents_are_15_years_older
-- table: individuals
-- over: relatives
-- says: The reference person and partner are at least 15 years older than their child.
relationship = 'child' AND (reference_age - age < 15 OR partner_age - age < 15)

-- rule: reference_person_is_15_years_younger_than_parent
-- table: individuals
-- over: relatives
-- says: A parent is at least 15 years older than the reference person.
relationship = 'parent' AND age - reference_age < 15

-- rule: grandchild_is_30_years_younger
-- table: individuals
-- over: relatives
-- says: A grandchild is at least 30 years younger than the reference person.
relationship = 'grandchild' AND reference_age - age < 30

-- rule: spouses_are_married
-- table: individuals
-- over: relatives
-- says: A spouse and the reference person beside them are married.
relationship = 'spouse' AND (marital_status <> 'married' OR reference_marital_status <> 'married')

-- rule: education_possible_at_the_age
-- table: individuals
-- over: individuals
-- says: not_finished_school is below 18 and only there; associate from 19, bachelor from 20, graduate from 22.
(age < 18) <> (education = 'not_finished_school')
OR age < CASE education WHEN 'graduate' THEN 22 WHEN 'bachelor' THEN 20 WHEN 'associate' THEN 19
                        WHEN 'high_school' THEN 17 WHEN 'some_college' THEN 17 ELSE 0 END

-- rule: employment_possible_at_the_age
-- table: individuals
-- over: individuals
-- says: under_16 is below 16 and only there; nobody below 45 is retired and nobody below 17 in the armed forces.
(age < 16) <> (employment = 'under_16') OR (employment = 'retired' AND age < 45)
OR (employment = 'armed_forces' AND age < 17)

-- rule: names_are_not_blank
-- table: individuals
-- over: individuals
-- says: first_name and last_name are not blank.
TRIM(first_name) = '' OR TRIM(last_name) = ''

-- rule: moved_in_between_birth_and_as_of
-- table: individuals
-- over: individuals
-- says: moved_in is from birth_date to as_of.
moved_in < birth_date OR moved_in > DATE '{as_of}'
