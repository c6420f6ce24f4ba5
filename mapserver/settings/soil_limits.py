"""How much of a metal the soil may hold by Korean law before the office has to look into it.

Limits of concern (토양오염우려기준), annex 3 of the enforcement rule of the Soil Environment
Conservation Act (토양환경보전법 시행규칙 별표 3), as the city of Busan publishes them
(busan.go.kr/ihe/heland03, 13 September 2024).
"""

from __future__ import annotations

LIMITS_SOURCE = "토양환경보전법 시행규칙 별표 3"
"""The law, as pages name it."""

LIMITS_MG_PER_KG: dict[int, dict[str, float]] = {
    1: {
        "cadmium": 4,
        "copper": 150,
        "arsenic": 25,
        "mercury": 4,
        "lead": 200,
        "chromium6": 5,
        "zinc": 300,
        "nickel": 100,
    },
    2: {
        "cadmium": 10,
        "copper": 500,
        "arsenic": 50,
        "mercury": 10,
        "lead": 400,
        "chromium6": 15,
        "zinc": 600,
        "nickel": 200,
    },
    3: {
        "cadmium": 60,
        "copper": 2000,
        "arsenic": 200,
        "mercury": 20,
        "lead": 700,
        "chromium6": 40,
        "zinc": 2000,
        "nickel": 500,
    },
}
"""mg/kg by land category: 1 has parks, school grounds and playgrounds, 2 hills, rivers and sports
grounds, 3 roads and factories. Laboratories measure barefoot trails by 1, wherever they are."""
